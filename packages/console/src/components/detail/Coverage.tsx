import type { CoverageView } from '@plimsoll/model/api';
import { CircleCheck, TriangleAlert } from 'lucide-react';
import { formatDate, formatNumber, plural } from '../../format.ts';
import { Badge } from '../Badge.tsx';
import { Card } from '../Card.tsx';
import { Time } from '../Time.tsx';
import { ageOf, isOld } from './age.ts';
import { asSentence } from './text.ts';

/** Feeds named in a line; more are counted. */
const FEEDS_NAMED = 4;

/** One line below a list that is empty: what stands behind "nothing found". */
export function CoverageOf({ coverage }: { coverage: CoverageView }) {
  const { packages, judged, feeds, matchedAt } = coverage;
  const unjudged = packages === null || judged === null ? 0 : packages - judged;
  return (
    <p className="coverage-line">
      <span>{packages === null ? 'No package was looked at' : `Looked at ${plural(packages, 'package')}`}</span>
      {judged !== null && <span>{formatNumber(judged)} judged by {feeds.length === 0 ? 'no feed' : feeds.length > FEEDS_NAMED ? plural(feeds.length, 'feed') : feeds.map((feed) => feed.name).join(', ')}</span>}
      {unjudged > 0 && <span>{formatNumber(unjudged)} not judged</span>}
      <span>{matchedAt === null ? 'never matched' : <>matched <Time value={matchedAt} /></>}</span>
    </p>
  );
}

/** What was looked at, what was not and why, by which data: the same whether something was found or not. */
export function CoverageCard({ coverage }: { coverage: CoverageView }) {
  const { packages, judged, gaps, warnings, feeds, matchedAt } = coverage;
  const whole = matchedAt !== null && gaps.length === 0 && warnings.every((warning) => !warning.incomplete);
  return (
    <Card title="What was looked at" actions={matchedAt !== null && <span className="muted small">matched <Time value={matchedAt} /></span>}>
      <div className="stack">
        {packages === null ? (
          <p className="soft">Nothing yet: the content was not read.</p>
        ) : (
          <div className="stack-tight">
            <p>
              <span className="strong">{plural(packages, 'package')}</span>
              {judged !== null && <span className="soft">, {judged === packages ? 'all of them' : formatNumber(judged)} judged by advisories</span>}
            </p>
            {judged !== null && packages > 0 && (
              <span className="share-bar" role="img" aria-label={`${judged} of ${packages} packages judged`}>
                <span style={{ width: `${(judged / packages) * 100}%` }} />
              </span>
            )}
          </div>
        )}
        {gaps.length > 0 && (
          <ul className="coverage-list">
            {gaps.map((gap, index) => (
              <li key={index}>
                <TriangleAlert size={14} className="icon-warn" aria-hidden="true" />
                <span><span className="strong">{plural(gap.packages, 'package')}</span>{gap.ecosystem !== null && <> <Badge>{gap.ecosystem}</Badge></>}<br /><span className="soft">{asSentence(gap.reason)}</span></span>
              </li>
            ))}
          </ul>
        )}
        {warnings.length > 0 && (
          <ul className="coverage-list">
            {warnings.map((warning, index) => (
              <li key={index}>
                <TriangleAlert size={14} className={warning.incomplete ? 'icon-warn' : 'icon-grey'} aria-hidden="true" />
                <span>{asSentence(warning.message)}{warning.incomplete && <span className="soft"> Findings may be missing.</span>}</span>
              </li>
            ))}
          </ul>
        )}
        {packages !== null && matchedAt === null && <p className="line soft"><TriangleAlert size={14} className="icon-warn" aria-hidden="true" />No advisory data has judged them yet.</p>}
        {whole && packages !== null && <p className="line soft"><CircleCheck size={14} className="icon-good" aria-hidden="true" />Nothing was left out.</p>}
        {feeds.length === 0 ? (
          <p className="soft">No advisory data is loaded: nothing could be judged.</p>
        ) : (
          <table className="small-table">
            <thead><tr><th scope="col">Feed</th><th scope="col" className="number">Records</th><th scope="col" className="number">As of</th></tr></thead>
            <tbody>
              {feeds.map((feed) => (
                <tr key={feed.name}>
                  <td>{feed.name}</td>
                  <td className="number">{formatNumber(feed.records)}</td>
                  <td className="number">
                    {feed.asOf === null ? <span className="muted">unknown</span> : <span className={isOld(feed.asOf, Date.now()) ? 'icon-warn' : undefined} title={formatDate(feed.asOf)}>{ageOf(feed.asOf, Date.now())}</span>}
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        )}
      </div>
    </Card>
  );
}
