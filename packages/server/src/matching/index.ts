export { unpackDocument } from './document.ts';
export { currentFigures, dayFigures, recordHistory, type DayFigures } from './history.ts';
export { jobs } from './jobs.ts';
export { countFindings, type StoredUpgrade } from './judge.ts';
export { judgeDocument } from './pool.ts';
export { matchSboms, type MatchData, type MatchResult } from './match.ts';
export { removeOrphans } from './retention.ts';
