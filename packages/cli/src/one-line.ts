const MAX_LENGTH = 2000;

/**
 * A message for the terminal. Messages quote what an image or feed says: nothing in them may move the
 * cursor, turn the writing direction or fill the screen.
 */
export function oneLine(message: string, length = MAX_LENGTH): string {
  const line = message.slice(0, length).replace(/[\u0000-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/g, '\ufffd');
  return message.length > length ? `${line}…` : line;
}
