import type { LayerView, SbomView } from '@plimsoll/model/api';
import { ChevronRight } from 'lucide-react';
import { useState } from 'react';
import { Badge, Bytes, CopyText, EmptyState, Link, SeverityCounts, SeverityLegend } from '../../components/index.ts';
import { commandOf, Facts } from '../../components/detail/index.ts';
import { formatNumber, plural } from '../../format.ts';
import { totalOf } from '../../severity.ts';
import './Layers.css';

interface LayersProps {
  layers: readonly LayerView[];
  base: SbomView['base'];
  /** The findings that a layer brought. */
  href: (layer: number) => string;
}

/** The layers from the bottom up, each with the command that made it and what it brought. */
export function Layers({ layers, base, href }: LayersProps) {
  const largest = layers.reduce((most, layer) => Math.max(most, layer.size ?? 0), 0);
  if (layers.length === 0) return <div className="card"><EmptyState title="No layers are known">The SBOM of this image says nothing of its layers.</EmptyState></div>;
  return (
    <div className="stack">
      {base !== null && (
        <p className="soft">
          {base.layers === 1 ? 'The first layer is' : `The first ${base.layers} layers are`} of the base image{base.reference !== null && <> <code>{base.reference}</code></>}
          {base.foundBy === 'history' && ', as its build history suggests'}: what they brought is fixed by a newer base.
        </p>
      )}
      <div className="card">
        <div className="layer layer-head" aria-hidden="true"><span /><span className="number">#</span><span>Made by</span><span className="number">Size</span><span className="number">Packages</span><SeverityLegend /></div>
        <ol>{layers.map((layer) => <Layer key={layer.index} layer={layer} largest={largest} href={href(layer.index)} />)}</ol>
      </div>
    </div>
  );
}

function Layer({ layer, largest, href }: { layer: LayerView; largest: number; href: string }) {
  const [open, setOpen] = useState(false);
  const command = commandOf(layer.createdBy);
  const found = totalOf(layer.vulnerabilities);
  return (
    <li className={layer.fromBase === true ? 'layer-item layer-base' : 'layer-item'}>
      <div className="layer">
        <button type="button" className="layer-toggle" aria-expanded={open} aria-label={`Layer ${layer.index + 1}: details`} onClick={() => setOpen(!open)}>
          <ChevronRight size={14} className={open ? 'change-arrow change-open' : 'change-arrow'} aria-hidden="true" />
        </button>
        <span className="number muted layer-number">{layer.index + 1}</span>
        <span className="line layer-command">
          {command === null ? <span className="muted">unknown command</span> : <code className="clip" title={command}>{command}</code>}
          {layer.fromBase === true && <Badge tone="teal" title="It came with the base image">base</Badge>}
        </span>
        <span className="layer-size number">
          <Bytes value={layer.size} />
          <span className="share-bar" aria-hidden="true"><span style={{ width: `${largest === 0 || layer.size === null ? 0 : (layer.size / largest) * 100}%` }} /></span>
        </span>
        <span className="number layer-packages">{layer.packages === 0 ? <span className="muted">0</span> : formatNumber(layer.packages)}<span className="layer-unit"> {layer.packages === 1 ? 'package' : 'packages'}</span></span>
        {found === 0 ? <span className="muted layer-findings">none found</span> : <Link className="layer-findings" href={href} title="Show these findings"><span className="visually-hidden">Findings of layer {layer.index + 1}: </span><SeverityCounts counts={layer.vulnerabilities} /></Link>}
      </div>
      {open && (
        <div className="layer-more stack">
          {command !== null && <pre tabIndex={0} aria-label="Command"><code>{command}</code></pre>}
          <Facts
            items={[
              ['Digest', layer.digest === null ? null : <CopyText key="digest" text={layer.digest} />],
              ['Diff ID', layer.diffId === null ? null : <CopyText key="diff" text={layer.diffId} />],
              ['Brought', `${plural(layer.packages, 'package')}, ${plural(found, 'finding')}`],
            ]}
          />
          {found > 0 && <p><Link href={href}>Show what it brought</Link></p>}
        </div>
      )}
    </li>
  );
}
