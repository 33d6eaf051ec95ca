import type { OsRelease, PackageType } from '@plimsoll/model';

/**
 * Text that stands in a command for a person to paste. Anything else a shell could act on, so no
 * command is proposed for it.
 */
const SAFE = /^[A-Za-z0-9@][A-Za-z0-9@/._+:~-]*$/;

/**
 * A command that brings packages to the versions with the fix, for a build step or a project file.
 * @param upgrades installed package names with the versions to reach
 * @returns undefined where there is no single command, or a name or version that no shell should see
 */
export function upgradeCommand(
  type: PackageType,
  upgrades: readonly { name: string; to: string }[],
  os: OsRelease | undefined,
): string | undefined {
  const [first] = upgrades;
  if (!first || !upgrades.every(({ name, to }) => SAFE.test(name) && SAFE.test(to))) return undefined;
  const each = (write: (upgrade: { name: string; to: string }) => string): string => upgrades.map(write).join(' ');
  switch (type) {
    case 'deb':
      return `apt-get update && apt-get install --only-upgrade ${each((u) => `${u.name}=${u.to}`)}`;
    case 'apk':
      return `apk add --upgrade ${each((u) => `'${u.name}>=${u.to}'`)}`;
    case 'rpm':
      return rpmCommand(each, os);
    case 'npm':
      return `npm install ${each((u) => `${u.name}@${u.to}`)}`;
    case 'pypi':
      return `pip install ${each((u) => `'${u.name}>=${u.to}'`)}`;
    case 'gem':
      return `gem install ${each((u) => `${u.name}:${u.to}`)}`;
    case 'composer':
      return `composer require ${each((u) => `'${u.name}:>=${u.to}'`)}`;
    case 'nuget':
      return `dotnet add package ${first.name} --version ${first.to}`;
    case 'cargo':
      return `cargo update -p ${first.name} --precise ${first.to}`;
    case 'golang':
      return first.name === 'stdlib' ? undefined : `go get ${first.name}@v${first.to.replace(/^v/, '')}`;
    default:
      return undefined;
  }
}

function rpmCommand(each: (write: (u: { name: string; to: string }) => string) => string, os: OsRelease | undefined): string {
  const family = [os?.id ?? '', ...(os?.idLike ?? [])];
  if (family.some((id) => /suse|^sle/.test(id))) return `zypper install ${each((u) => `'${u.name}>=${withoutEpoch(u.to)}'`)}`;
  const isSmall = family.some((id) => id === 'photon' || id === 'mariner' || id === 'azurelinux');
  return `${isSmall ? 'tdnf update' : 'dnf upgrade'} ${each((u) => `${u.name}-${u.to}`)}`;
}

function withoutEpoch(version: string): string {
  return version.replace(/^\d+:/, '');
}

/** What to do where no command does it. */
export function upgradeAdvice(type: PackageType, name: string, to: string): string | undefined {
  switch (type) {
    case 'maven':
      return `Set the version of ${name} to ${to} in the build (dependencyManagement or a constraint, when another library brings it).`;
    case 'golang':
      return name === 'stdlib' ? `Build the program with Go ${to.replace(/^v/, '')} or newer.` : undefined;
    case 'bitnami':
    case 'generic':
      return `Install ${name} ${to} or newer where the image takes it from.`;
    default:
      return undefined;
  }
}
