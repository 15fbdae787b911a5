/**
 * Who may import whom. Every rule is an error: the build fails on an import that crosses a boundary.
 * What needs the syntax tree or the types (process.env, zod's star import) is in `eslint.config.mjs`.
 */

/** A feature is a folder of the server, but for those that carry all features. */
const features = '^trigger-server/src/(?!http/|storage/|egress/|carriers/|admin/)[^/]+/';

/** A package of ours, by its name or, once npm has linked and tsc has built it, by its folder. */
const ours = (folder, name) => `^(${folder}|@dograh-trigger/${name}(/|$))`;
const server = ours('trigger-server/(?!console/)', 'server');
const hosts = '^(n8n-node|zapier-app|trigger-server/console)/';

/** The folders of the server from the top down: each imports only folders below it. CONTRIBUTING.md says what they are. */
const floors = [
  'admin',
  'console',
  'retention',
  'calls',
  'conversations',
  'usage',
  'events',
  'artifacts',
  'telephony',
  'runs',
  'agents',
  'health',
  'accounts',
  'audit',
  'carriers',
  'workers',
  'http',
  'egress',
  'storage',
  'csv',
];
const floorRules = floors.map((floor, index) => ({
  name: `below-${floor}-nobody-knows-it`,
  comment: 'A folder of the server imports only folders below it.',
  severity: 'error',
  from: { path: `^trigger-server/src/(${floors.slice(index + 1).join('|') || '-'})/` },
  to: { path: `^trigger-server/src/${floor}/` },
}));

module.exports = {
  forbidden: [
    ...floorRules,
    {
      name: 'no-circular',
      comment: 'Two files that import each other are one idea in two places, or two ideas not yet apart.',
      severity: 'error',
      from: {},
      to: { circular: true },
    },

    {
      name: 'no-folder-circles',
      comment: 'Two folders that know each other are one room: what both need stands below them.',
      severity: 'error',
      scope: 'folder',
      from: {},
      to: { circular: true },
    },

    // The four packages
    {
      name: 'shared-imports-no-package-of-ours',
      comment: 'The wire contract and its client stand under everything else.',
      severity: 'error',
      from: { path: '^shared/' },
      to: { path: [server, hosts] },
    },
    {
      name: 'shared-runs-anywhere',
      comment: 'The client is bundled into n8n, which allows node:crypto and no other module of Node.',
      severity: 'error',
      from: { path: '^shared/src/', pathNot: '^shared/src/transports/' },
      to: { dependencyTypes: ['core'], pathNot: '^(node:)?crypto$' },
    },
    {
      name: 'hosts-import-only-shared',
      comment:
        'The n8n package and the Zapier app speak to a server over HTTP and share code only through shared.',
      severity: 'error',
      from: { path: hosts },
      to: { path: server },
    },
    {
      name: 'hosts-do-not-import-each-other',
      comment: 'What both hosts need belongs into shared.',
      severity: 'error',
      from: { path: '^(n8n-node|zapier-app|trigger-server/console)/' },
      to: { path: hosts, pathNot: '^$1/' },
    },
    {
      name: 'server-imports-only-shared',
      comment: 'The server knows the wire, not the hosts that call it.',
      severity: 'error',
      from: { path: '^trigger-server/src/' },
      to: { path: hosts },
    },
    {
      name: 'packages-meet-by-name',
      comment: "Import '@dograh-trigger/shared', never a file inside another package.",
      severity: 'error',
      from: { path: '^(trigger-server|n8n-node|zapier-app)/' },
      to: { path: '^shared/src/' },
    },
    {
      name: 'no-package-imports-tests',
      comment: 'A fake or a fixture has no place in what is shipped.',
      severity: 'error',
      from: { pathNot: '^tests/' },
      to: { path: '^tests/' },
    },

    {
      name: 'screens-are-islands',
      comment: 'A screen of the console imports no other screen: what two share is in ui/ or api/.',
      severity: 'error',
      from: { path: '^trigger-server/console/src/screens/([^/]+)/' },
      to: {
        path: '^trigger-server/console/src/screens/',
        pathNot: '^trigger-server/console/src/screens/$1/',
      },
    },

    // What only one place may import
    {
      name: 'axios-in-one-file',
      comment: 'A host sends HTTP its own way through the Transport port; axios is one such way.',
      severity: 'error',
      from: {
        path: '^(shared|trigger-server|n8n-node|zapier-app)/',
        pathNot: '^shared/src/transports/axios\\.ts$',
      },
      to: { path: '(^|/)node_modules/axios/|^axios(/|$)|^shared/(src|dist)/transports/axios\\.' },
    },
    {
      name: 'database-driver-in-its-folder',
      comment: 'Swapping a database driver touches one folder.',
      severity: 'error',
      from: { path: '^trigger-server/', pathNot: '^trigger-server/src/storage/(sqlite|postgres)/' },
      to: { path: '(^|/)node_modules/(libsql|pg)/|^(libsql|pg)$' },
    },
    {
      name: 'features-see-only-the-port-of-storage',
      comment:
        'A feature runs on every database: which one it is, is known to the process and to admin commands.',
      severity: 'error',
      from: { path: '^trigger-server/src/[^/]+/', pathNot: '^trigger-server/src/(storage|admin)/' },
      to: { path: '^trigger-server/src/storage/(sqlite/|postgres/|open\\.ts$)' },
    },
    {
      name: 'queries-in-stores',
      comment: 'Kysely appears in storage/ and in stores: a rule asks its store in the words of the domain.',
      severity: 'error',
      from: { path: '^trigger-server/', pathNot: ['^trigger-server/src/storage/', '/[a-z-]*store\\.ts$'] },
      to: { path: '(^|/)node_modules/kysely/|^kysely$' },
    },

    // Inside the server: routes -> rules -> store, never back
    {
      name: 'only-app-imports-routes',
      comment:
        'app.ts mounts every route on one page; a rule that wants what a route does calls the same rule.',
      severity: 'error',
      from: { path: '^trigger-server/', pathNot: '^trigger-server/src/app\\.ts$' },
      to: { path: `${features}.*routes\\.ts$` },
    },
    {
      name: 'routes-reach-the-store-through-rules',
      comment: 'A route parses, makes one call and replies.',
      severity: 'error',
      from: { path: '/[a-z-]*routes\\.ts$' },
      to: { path: '/[a-z-]*store\\.ts$' },
    },
    {
      name: 'stores-import-no-feature',
      comment: 'A store holds queries. What a query means is decided above it.',
      severity: 'error',
      from: { path: `${features}[a-z-]*store\\.ts$` },
      to: { path: features, pathNot: '/[a-z-]*store\\.ts$' },
    },
    {
      name: 'a-store-belongs-to-its-feature',
      comment: "Another feature's data is reached through that feature's rules.",
      severity: 'error',
      from: { path: '^trigger-server/src/([^/]+)' },
      to: { path: '^trigger-server/src/[^/]+/[a-z-]*store\\.ts$', pathNot: '^trigger-server/src/$1/' },
    },

    // Carriers: a provider is one folder and one line in registry.ts
    {
      name: 'providers-are-islands',
      comment: 'A provider imports no other provider: any of them can be deleted.',
      severity: 'error',
      from: { path: '^trigger-server/src/carriers/providers/([^/]+)/' },
      to: {
        path: '^trigger-server/src/carriers/providers/',
        pathNot: '^trigger-server/src/carriers/providers/$1/',
      },
    },
    {
      name: 'only-the-registry-lists-providers',
      comment: 'Everything else derives from the one line in registry.ts.',
      severity: 'error',
      from: {
        path: '^trigger-server/',
        pathNot: '^trigger-server/src/carriers/(registry\\.ts$|providers/)',
      },
      to: { path: '^trigger-server/src/carriers/providers/' },
    },
    {
      name: 'providers-see-only-the-port',
      comment:
        'A provider translates between its vendor and the port, with the kit and its dialect; it does not reach into the server.',
      severity: 'error',
      from: { path: '^trigger-server/src/carriers/providers/' },
      to: {
        path: '^trigger-server/src/[^/]+/',
        pathNot: '^trigger-server/src/(carriers/(port|kit|dialects|providers)|egress)/',
      },
    },
    {
      name: 'kit-and-dialects-know-only-the-port',
      comment: 'What several providers may use knows neither a provider nor the server.',
      severity: 'error',
      from: { path: '^trigger-server/src/carriers/(kit|dialects)/' },
      to: {
        path: '^trigger-server/src/[^/]+/',
        pathNot: '^trigger-server/src/(carriers/(port|kit|dialects)|egress)/',
      },
    },
    {
      name: 'undici-in-egress',
      comment: 'Every request that leaves passes one client, with its limits and its address guard.',
      severity: 'error',
      from: {
        path: '^trigger-server/',
        pathNot: '^trigger-server/src/(egress|carriers)/',
      },
      to: { path: '(^|/)node_modules/undici/|^undici$' },
    },
  ],
  options: {
    doNotFollow: { path: ['node_modules', '/dist/'] },
    // Imports that vanish in compilation (types) are dependencies of the reader all the same.
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.base.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['types', 'node', 'require', 'default'],
    },
  },
};
