import type { Handlers } from '../context.ts';
import { handlers as assets } from './assets.ts';
import { handlers as audit } from './audit.ts';
import { handlers as operations } from './operations.ts';
import { handlers as overview } from './overview.ts';
import { handlers as search } from './search.ts';
import { handlers as sensorProtocol } from './sensor-protocol.ts';
import { handlers as sensors } from './sensors.ts';
import { handlers as session } from './session.ts';
import { handlers as settings } from './settings.ts';
import { handlers as tags } from './tags.ts';
import { handlers as tokens } from './tokens.ts';
import { handlers as users } from './users.ts';
import { handlers as workspace } from './workspace.ts';

/** Every handler of the API; that none is missing is a matter of its type. */
export const handlers: Handlers = {
  ...assets, ...audit, ...operations, ...overview, ...search, ...sensorProtocol, ...sensors, ...session, ...settings, ...tags, ...tokens,
  ...users, ...workspace,
};
