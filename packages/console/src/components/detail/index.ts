/**
 * Parts of the pages of one image, host, container or vulnerability.
 *
 * DetailPage (outline while loading, what to do when it is not there), Facts { items }, Findings, Packages, UpgradeList, Changes,
 * Containers, EntityTable (rows of a search), CoverageCard, NotScanned, ExternalLink, TableBox.
 */
export { awayFor } from './age.ts';
export { Changes } from './Changes.tsx';
export { Containers } from './Containers.tsx';
export { CoverageCard, CoverageOf } from './Coverage.tsx';
export { DetailPage } from './DetailPage.tsx';
export { EntityTable } from './EntityTable.tsx';
export { ExternalLink } from './ExternalLink.tsx';
export { Facts } from './Facts.tsx';
export { Findings } from './Findings.tsx';
export { commandOf } from './layers.ts';
export { shownAddress, webAddress } from './links.ts';
export { NotScanned } from './NotScanned.tsx';
export { Packages } from './Packages.tsx';
export { exactly, quoteValue, upgradeLink } from './queries.ts';
export { RecentEvents } from './RecentEvents.tsx';
export { Sbom } from './Sbom.tsx';
export { SupportNotice } from './SupportNotice.tsx';
export { TableBox } from './TableBox.tsx';
export { UpgradeList } from './Upgrades.tsx';
export { useIdOfPage } from './useId.ts';
export { weightOf } from './weight.ts';
