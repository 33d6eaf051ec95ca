import type { Image, OsRelease, ScanReport, Warning } from '@plimsoll/model';

/**
 * What CycloneDX and SPDX have no place for, but a later scan of the document needs. Both documents
 * carry these as JSON, and `sbom-reader.ts` of the scanner reads them back.
 */
export interface ImageFacts extends Omit<Image, 'reference' | 'kind' | 'history' | 'config'> {
  warnings?: Warning[];
}

export function imageFacts(report: ScanReport): ImageFacts {
  const { reference: _reference, kind: _kind, history: _history, config: _config, ...facts } = report.image;
  return {
    ...facts,
    ...(report.base ? { base: report.base } : {}),
    ...(report.warnings.length > 0 ? { warnings: report.warnings } : {}),
  };
}

/** `ID` and the like of os-release; ecosystem and support dates are looked up anew when read. */
export type OsFacts = Pick<OsRelease, 'id' | 'idLike' | 'versionId' | 'codename' | 'prettyName'>;

export function osFacts(os: OsRelease): OsFacts {
  return {
    id: os.id,
    idLike: os.idLike,
    ...(os.versionId === undefined ? {} : { versionId: os.versionId }),
    ...(os.codename === undefined ? {} : { codename: os.codename }),
    prettyName: os.prettyName,
  };
}
