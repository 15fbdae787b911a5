/** What a document of a carrier makes the callee hear, and what happens next, whatever the carrier's language. */

export interface Heard {
  said: string[];
  /** What is said while the carrier listens. */
  over: string[];
  /** Where the carrier sends what it hears; null: it does not listen. */
  listen: string | null;
  /** The attributes with which it listens. */
  attributes: Record<string, unknown>;
  /** Where it asks for the next document; null: nowhere. */
  goOn: string | null;
  /** Whom it calls, to connect the two; null: nobody. Numbers without a plus. */
  transfer: { to: string; from: string; seconds: number; url: string } | null;
}

/** Of an XML document whose texts are within these elements. */
export function readXml(xml: string, speaking: 'Say' | 'Speak', listening: 'Gather' | 'GetInput'): Heard {
  const [, inner = ''] = new RegExp(`<${listening}[^>]*>(.*)</${listening}>`).exec(xml) ?? [];
  const [, attributes = ''] = new RegExp(`<${listening}([^>]*?)/?>`).exec(xml) ?? [];
  const outer = xml.replace(inner, '');
  const found = Object.fromEntries(
    [...attributes.matchAll(/(\w+)="([^"]*)"/g)].map(([, name = '', value = '']) => [name, plain(value)]),
  );
  const { action, ...others } = found;
  const [, redirect] = /<Redirect[^>]*>([^<]*)</.exec(outer) ?? [];
  return {
    said: textsIn(outer, speaking),
    over: textsIn(inner, speaking),
    listen: action ?? null,
    attributes: others,
    goOn: redirect === undefined || action !== undefined ? null : plain(redirect),
    transfer: dialIn(outer),
  };
}

function dialIn(xml: string): Heard['transfer'] {
  const [, list = '', to] = /<Dial([^>]*)><Number>\+?(\d+)<\/Number><\/Dial>/.exec(xml) ?? [];
  if (to === undefined) return null;
  const of = (name: string) => plain(new RegExp(`${name}="([^"]*)"`).exec(list)?.[1] ?? '');
  const from = of('callerId').replace('+', '');
  return { to, from, seconds: Number(of('timeout')), url: of('action') };
}

function textsIn(xml: string, name: string): string[] {
  return [...xml.matchAll(new RegExp(`<${name}[^>]*>([^<]*)<`, 'g'))].map(([, text = '']) => plain(text));
}

function plain(text: string): string {
  const entities: Record<string, string> = { lt: '<', gt: '>', quot: '"', apos: "'", amp: '&' };
  return text.replace(/&(\w+);/g, (entity, name: string) => entities[name] ?? entity);
}

/** Of an NCCO. */
export function readNcco(body: string): Heard {
  const actions = JSON.parse(body) as {
    action: string;
    text?: string;
    bargeIn?: boolean;
    eventUrl?: string[];
    speech?: Record<string, unknown>;
    endpoint?: { type: string; number: string }[];
    from?: string;
    timeout?: number;
  }[];
  const connect = actions.find(({ action }) => action === 'connect');
  const input = actions.find(({ action }) => action === 'input');
  const spoken = actions.filter(({ action }) => action === 'talk');
  const texts = (isOver: boolean) =>
    spoken.filter(({ bargeIn }) => (bargeIn === true) === isOver).map(({ text }) => text ?? '');
  return {
    said: texts(false),
    over: texts(true),
    listen: input?.eventUrl?.[0] ?? null,
    attributes: input?.speech ?? {},
    goOn: actions.find(({ action }) => action === 'notify')?.eventUrl?.[0] ?? null,
    transfer:
      connect === undefined
        ? null
        : {
            to: connect.endpoint?.[0]?.number ?? '',
            from: connect.from ?? '',
            seconds: connect.timeout ?? 0,
            url: connect.eventUrl?.[0] ?? '',
          },
  };
}
