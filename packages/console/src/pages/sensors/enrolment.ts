import type { EnrolmentToken, SensorView } from '@plimsoll/model/api';

/** Whether a sensor could still join with it. */
export function isOutstanding(token: Pick<EnrolmentToken, 'expires' | 'uses' | 'maxUses'>, now = Date.now()): boolean {
  return token.uses < token.maxUses && Date.parse(token.expires) > now;
}

export interface Arrivals {
  uses: number;
  maxUses: number;
  /** The latest to come. */
  host: string | null;
  hostId: string | null;
}

/** Who has joined with a token so far. A token that is used up may be gone from the list: then nobody is known. */
export function arrivalsOf(id: string, tokens: readonly EnrolmentToken[], sensors: readonly SensorView[]): Arrivals {
  const token = tokens.find((one) => one.id === id);
  const host = token?.host ?? null;
  // Names of hosts can repeat: the sensor that joined last is the one that just came.
  const sensor = sensors.filter((one) => one.host === host && one.state !== 'revoked').toSorted((a, b) => b.enrolled.localeCompare(a.enrolled))[0];
  return { uses: token?.uses ?? 0, maxUses: token?.maxUses ?? 1, host, hostId: sensor?.hostId ?? null };
}
