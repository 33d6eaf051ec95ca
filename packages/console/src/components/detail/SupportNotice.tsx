import { formatDate } from '../../format.ts';
import { Notice } from '../States.tsx';
import { supportText } from './age.ts';

/** Warns where a distribution's support has ended or soon will: nobody fixes what is found from then on. */
export function SupportNotice({ day, os }: { day: string | null; os: string | null }) {
  const support = day === null ? null : supportText(day, Date.now());
  if (day === null || support === null) return null;
  return (
    <Notice tone={support.over ? 'danger' : 'warn'} title={`Support of ${os ?? 'its distribution'} ${support.text}.`}>
      {support.over ? `Since ${formatDate(day)} nobody fixes what is found in its packages: move to a newer release.` : `After ${formatDate(day)} its packages get no more fixes: plan the move to a newer release.`}
    </Notice>
  );
}
