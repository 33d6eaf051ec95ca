import type { KnownProgram } from './program.ts';

/**
 * The .NET runtime lies in a folder named after its version, beside its list of assemblies:
 * `shared/Microsoft.NETCore.App/8.0.1/Microsoft.NETCore.App.deps.json`.
 * @see https://learn.microsoft.com/dotnet/core/distribution-packaging
 */
function runtime(name: string, framework: string): KnownProgram {
  const place = new RegExp(`(?:^|/)shared/${framework.replaceAll('.', '\\.')}/(\\d{1,3}\\.\\d{1,3}\\.\\d{1,4})(?:-[\\w.]{1,64})?/[^/]+$`);
  return {
    name,
    kind: 'text',
    basenames: [`${framework}.deps.json`],
    accepts: (path) => place.test(path),
    version: (file) => place.exec(file.path)?.[1],
  };
}

export const dotnet = runtime('dotnet', 'Microsoft.NETCore.App');
export const aspnetCore = runtime('aspnet-core', 'Microsoft.AspNetCore.App');
