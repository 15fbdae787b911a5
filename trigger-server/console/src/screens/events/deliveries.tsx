/** What was sent and what waits to be sent. The filter stands in the address. */
import type { WebhookDelivery } from '@dograh-trigger/shared';
import { useState } from 'react';
import { Link, useLocation, useSearch } from 'wouter';
import { Button } from '../../ui/button';
import { deliveryWords } from '../../ui/delivery-words';
import { Empty } from '../../ui/empty';
import { SelectField, TextField } from '../../ui/field';
import { Loaded } from '../../ui/loaded';
import { Section } from '../../ui/page';
import { Table } from '../../ui/table';
import { Time } from '../../ui/time';
import { deliveriesPath, readFilter, readStatus, sourceWords, type DeliveryFilter } from './delivery-filter';
import { DeliveryState } from './delivery-state';
import styles from './events.module.css';
import { useDeliveries } from './queries';
import { ResendFailed } from './resend-failed';

export function Deliveries() {
  const [, navigate] = useLocation();
  const filter = readFilter(useSearch());
  const deliveries = useDeliveries(filter);
  const change = (part: Partial<DeliveryFilter>) => {
    navigate(deliveriesPath({ ...filter, page: 1, ...part }), { replace: true });
  };
  const [resending, setResending] = useState(false);
  return (
    <Section
      title="Deliveries"
      actions={
        <Button
          onClick={() => {
            setResending(true);
          }}
        >
          Send again what failed
        </Button>
      }
    >
      {resending && (
        <ResendFailed
          onClose={() => {
            setResending(false);
          }}
        />
      )}
      <div className={styles.filter}>
        <SelectField
          label="State"
          value={filter.status ?? ''}
          options={[
            { value: '', label: 'All' },
            ...Object.entries(deliveryWords).map(([value, label]) => ({ value, label })),
          ]}
          onChange={(event) => {
            change({ status: readStatus(event.target.value) });
          }}
        />
        <TextField
          label="Call"
          inputMode="numeric"
          placeholder="Any"
          value={filter.runId === undefined ? '' : String(filter.runId)}
          onChange={(event) => {
            const digits = event.target.value.replaceAll(/\D/g, '').slice(0, 9);
            change({ runId: digits === '' ? undefined : Number(digits) });
          }}
        />
      </div>
      <Loaded query={deliveries} what="the deliveries">
        {(page) =>
          page.deliveries.length === 0 ? (
            <NoDeliveries filter={filter} />
          ) : (
            <>
              <DeliveryTable list={page.deliveries} />
              <div className={styles.pages}>
                <span>
                  {page.total_count} in all · page {page.page} of {page.total_pages}
                </span>
                <Button
                  disabled={filter.page <= 1}
                  onClick={() => {
                    change({ page: filter.page - 1 });
                  }}
                >
                  Newer
                </Button>
                <Button
                  disabled={filter.page >= page.total_pages}
                  onClick={() => {
                    change({ page: filter.page + 1 });
                  }}
                >
                  Older
                </Button>
              </div>
            </>
          )
        }
      </Loaded>
    </Section>
  );
}

function NoDeliveries({ filter }: { filter: DeliveryFilter }) {
  if (filter.status !== undefined || filter.runId !== undefined || filter.page > 1) {
    return (
      <Empty title="No delivery matches">
        <Link href="/events/deliveries">Show all deliveries</Link>
      </Empty>
    );
  }
  return (
    <Empty title="Nothing was sent yet">
      <p>When a call has ended, what is sent about it appears here.</p>
      <Link href="/events/subscriptions">Add a subscription</Link>
    </Empty>
  );
}

function DeliveryTable({ list }: { list: readonly WebhookDelivery[] }) {
  return (
    <Table
      label="Deliveries"
      columns={['When', 'State', 'Call', 'What', 'To', 'Attempts']}
      rows={list.map((delivery) => ({
        key: delivery.id,
        cells: [
          <Link href={`/events/deliveries/${delivery.id}`}>
            <Time at={delivery.created_at} />
          </Link>,
          <DeliveryState delivery={delivery} />,
          <Link href={`/calls/${delivery.workflow_run_id}`}>{delivery.workflow_run_id}</Link>,
          `${delivery.event ?? 'Own payload'} · ${sourceWords[delivery.source]}`,
          delivery.url,
          String(delivery.attempt_count),
        ],
      }))}
    />
  );
}
