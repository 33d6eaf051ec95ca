import type { Job } from '../context.ts';
import { endLeases, noteAway } from './away.ts';

export { authenticateSensor, createEnrolmentToken, type SensorIdentity } from './credentials.ts';
export { readSbom, registerPackages, requestRescan, storeSbom, type ReadSbom, type StoredSbom } from './sboms.ts';

const sensorsAway: Job = { name: 'sensors-away', schedule: '* * * * *', run: (_data, services) => noteAway(services) };
const leasesEnded: Job = { name: 'leases-ended', schedule: '* * * * *', run: (_data, services) => endLeases(services) };

export const jobs: Job[] = [sensorsAway, leasesEnded];
