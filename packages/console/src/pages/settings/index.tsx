import type { Settings } from '@plimsoll/model/api';
import { ApiError } from '../../api/client.ts';
import { useApi } from '../../api/queries.ts';
import { useCan } from '../../api/session.ts';
import { Card, Loaded, NoAccess, Page, Tabs } from '../../components/index.ts';
import { Advisories } from './Advisories.tsx';
import { OidcForm } from './OidcForm.tsx';
import { RetentionForm, SessionForm } from './GeneralForms.tsx';
import '../../components/configuration/configuration.css';

/** Settings of this server. Who is no admin sees the advisory database alone. */
export default function SettingsPage() {
  const admin = useCan('admin');
  const advisories = { id: 'advisories', title: 'Advisories', render: () => <Advisories /> };
  if (!admin) return <Page title="Settings"><Tabs label="Settings" tabs={[advisories]} /></Page>;
  return (
    <Page title="Settings">
      <Tabs
        label="Settings"
        tabs={[
          { id: 'general', title: 'General', render: () => <OfSettings>{(settings) => <General settings={settings} />}</OfSettings> },
          { id: 'sign-in', title: 'Single sign-on', render: () => <OfSettings>{(settings) => <OidcForm key={JSON.stringify(settings.oidc)} oidc={settings.oidc} />}</OfSettings> },
          advisories,
        ]}
      />
    </Page>
  );
}

function OfSettings({ children }: { children: (settings: Settings) => React.ReactNode }) {
  const settings = useApi('settings');
  if (settings.error instanceof ApiError && settings.error.status === 403) return <NoAccess />;
  return <Loaded of={settings}>{children}</Loaded>;
}

function General({ settings }: { settings: Settings }) {
  return (
    <div className="stack">
      <Card title="Sessions" className="form-card"><SessionForm key={settings.sessionHours} hours={settings.sessionHours} /></Card>
      <Card title="Retention" className="form-card"><RetentionForm key={JSON.stringify(settings.retention)} retention={settings.retention} /></Card>
    </div>
  );
}
