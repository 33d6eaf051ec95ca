export { FolderLayerCache, MemoryLayerCache, openLayerCache, type LayerCache } from './layers/cache.ts';
export { parsePlatform, formatPlatform } from './sources/platform.ts';
export { scanImage, type ScanOptions } from './scan.ts';
export { newestEngineImage } from './sources/docker-engine.ts';
export { parseAllowList, withoutAllowed, type AllowedSecret } from './secrets/index.ts';
