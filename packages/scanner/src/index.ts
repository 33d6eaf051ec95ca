export { FolderLayerCache, MemoryLayerCache, openLayerCache, type LayerCache } from './layers/cache.ts';
export { parsePlatform, formatPlatform } from './sources/platform.ts';
export { scanImage, type ScanOptions } from './scan.ts';
export { findEngine, parseEngineHost, type EngineAddress } from './sources/http/engine-address.ts';
export { EngineClient } from './sources/http/engine-client.ts';
export { errorCode, errorText, exchange, readSmall, type Exchange, type HttpReply } from './sources/http/transport.ts';
export { parseAllowList, withoutAllowed, type AllowedSecret } from './secrets/index.ts';
