export type { Log, LogLevel, SensorOptions } from './options.ts';
export { runSensor } from './sensor.ts';
export { serveScan } from './work/scan-process.ts';
