import { Compass } from 'lucide-react';
import { EmptyState, LinkButton, Page } from '../../components/index.ts';

export default function NotFoundPage() {
  return (
    <Page title="There is nothing here" documentTitle="Not found">
      <EmptyState title="No page has this address" icon={<Compass size={28} aria-hidden="true" />} actions={<LinkButton href="/">Go to the dashboard</LinkButton>}>
        What it led to may be gone, or the address was cut. Press <kbd>/</kbd> to search for it.
      </EmptyState>
    </Page>
  );
}
