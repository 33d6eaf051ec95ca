import type { EnrolmentToken, SensorView } from '@plimsoll/model/api';
import { describe, expect, it } from 'vitest';
import { arrivalsOf, isOutstanding } from './enrolment.ts';

const token: EnrolmentToken = { id: 't', note: '', created: '2026-11-01T00:00:00Z', expires: '2026-11-02T00:00:00Z', createdBy: 'Ada', used: null, host: null, uses: 0, maxUses: 2 };
const sensor = (hostId: string, host: string, enrolled: string, state: SensorView['state'] = 'live'): SensorView => ({
  id: hostId, hostId, host, version: '1', state, enrolled, lastSeen: null, credentialIssued: enrolled, spooled: 0, dropped: 0, awayMinutes: 0, analysing: null, features: [],
});

describe('enrolment', () => {
  it('is open until the token is used up or too old', () => {
    const now = Date.parse('2026-11-01T12:00:00Z');
    expect(isOutstanding(token, now)).toBe(true);
    expect(isOutstanding({ ...token, uses: 2 }, now)).toBe(false);
    expect(isOutstanding(token, Date.parse('2026-11-02T00:00:01Z'))).toBe(false);
  });
  it('knows who came: the latest live sensor of that name', () => {
    const sensors = [sensor('old', 'web', '2026-10-01T00:00:00Z'), sensor('new', 'web', '2026-11-01T00:00:00Z'), sensor('gone', 'web', '2026-11-02T00:00:00Z', 'revoked')];
    expect(arrivalsOf('t', [token], sensors)).toEqual({ uses: 0, maxUses: 2, host: null, hostId: null });
    expect(arrivalsOf('t', [{ ...token, uses: 1, host: 'web' }], sensors)).toEqual({ uses: 1, maxUses: 2, host: 'web', hostId: 'new' });
    expect(arrivalsOf('other', [token], sensors).uses).toBe(0);
  });
});
