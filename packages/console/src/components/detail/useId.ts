import { useParams } from 'wouter';

/** The id that a page's address has for `:id`. The router leaves characters encoded that a path may not have as they are. */
export function useIdOfPage(): string {
  const { id = '' } = useParams();
  return decoded(id);
}

/** The text as it is when it is not what encoding makes: somebody typed it. */
export function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
