export { parseAllowList, withoutAllowed, type AllowedSecret } from './allow-list.ts';
export { scanConfigForSecrets, type ConfigSecret } from './image-config.ts';
export { MAX_SECRET_FILE, wantsSecretScan } from './paths.ts';
export { scanForSecrets, type FileSecret } from './scan.ts';
