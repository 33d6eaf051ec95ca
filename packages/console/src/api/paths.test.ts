import { ROUTES } from '@plimsoll/model/api';
import { expect, it } from 'vitest';

/** The console takes types alone from the routes: their values would bring the schema library into the bundle. */
it('has the method and path of every route (vitest -u writes them)', async () => {
  const lines = Object.entries(ROUTES).map(([name, route]) => `  ${name}: ['${route.method}', '${route.path}'],`);
  const text = [
    '// Written by paths.test.ts from the routes of @plimsoll/model/api: npx vitest run packages/console/src/api -u',
    "import type { RouteName } from '@plimsoll/model/api';",
    '',
    'export const PATHS = {',
    ...lines,
    "} as const satisfies Record<RouteName, readonly ['GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE', string]>;",
    '',
  ].join('\n');
  await expect(text).toMatchFileSnapshot('./paths.generated.ts');
});
