import type { z } from 'zod';

/**
 * Who may call a route. One table in the server says which roles hold which permission.
 * `public` needs nothing; `read` looks at the inventory; `own` changes what is one's own; `manage` changes
 * tags, sensors and scans; `admin` users, settings and the audit log; `submit` sends images to be judged;
 * `sensor` is for a sensor's own credential alone.
 */
export const PERMISSIONS = ['public', 'read', 'own', 'manage', 'admin', 'submit', 'sensor'] as const;
export type Permission = (typeof PERMISSIONS)[number];

/** One route of the API: validation, types, documentation and the console's client all come from it. */
export interface RouteSpec {
  method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** With parameters in braces, as OpenAPI writes them: `/api/v1/images/{id}`. */
  path: string;
  summary: string;
  /** Group in the API's documentation. */
  tag: string;
  needs: Permission;
  params?: z.ZodType;
  query?: z.ZodType;
  body?: z.ZodType;
  response: z.ZodType;
  /** Content type of a response that is not JSON. */
  produces?: string;
  /** Largest body, bytes; 1 MiB when absent. */
  bodyLimit?: number;
}

/** What a handler gets of a part of the request: parsed. */
export type Parsed<S> = S extends z.ZodType ? z.output<S> : undefined;
/** What a caller gives. */
export type Given<S> = S extends z.ZodType ? z.input<S> : undefined;
