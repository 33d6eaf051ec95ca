import type { KnownProgram } from './program.ts';

/** `ruby 3.1.4p223 (2023-03-30 revision 957bb7cb81) [x86_64-linux]`, in the interpreter or in libruby. */
export const ruby: KnownProgram = {
  name: 'ruby',
  basenames: ['ruby', /^ruby\d\.\d$/, /^libruby(?:-?\d\.\d)?(?:-static)?\.so(?:\.[\d.]+)?$/],
  version: (file) => file.find('ruby ', /^ruby (\d\.\d{1,2}\.\d{1,2})(?:p\d{1,4}|dev|preview\d|rc\d)? \(\d{4}-\d\d-\d\d /),
};
