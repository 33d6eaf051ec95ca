export { sensorHelp } from './help.ts';
export type { Log, LogLevel, SensorOptions } from './options.ts';
export { runSensor } from './sensor.ts';
export { serveScan } from './work/scan-process.ts';
