# The trigger server with its console. `compose.yml` runs it behind Caddy; docs/operations.md says how to look after it.
FROM node:20.20-bookworm-slim AS source
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
COPY shared/package.json shared/
COPY trigger-server/package.json trigger-server/
COPY trigger-server/console/package.json trigger-server/console/
COPY n8n-node/package.json n8n-node/
COPY zapier-app/package.json zapier-app/

# What the server needs when it runs.
FROM source AS packages
RUN npm ci --omit=dev --workspace trigger-server --workspace shared

FROM source AS build
RUN npm ci
COPY tsconfig.base.json ./
COPY shared/ shared/
COPY trigger-server/ trigger-server/
RUN npm run build:server

FROM node:20.20-bookworm-slim
# Speaks the announcements of calls through Asterisk.
RUN apt-get update && apt-get install --yes --no-install-recommends espeak-ng && rm -rf /var/lib/apt/lists/*
COPY --from=packages /app/ /app/
COPY --from=build /app/shared/dist/ /app/shared/dist/
COPY --from=build /app/trigger-server/dist/ /app/trigger-server/dist/
COPY --from=build /app/trigger-server/console/dist/ /app/trigger-server/console/dist/
RUN mkdir --mode=700 /data && chown node:node /data
# The server writes nowhere else, so the rest of the container can be read-only. Recordings are in /data/artifacts by default,
# with SQLite and with PostgreSQL; naming that folder here would forbid a bucket.
VOLUME /data
ENV NODE_ENV=production HOST=0.0.0.0 DATABASE_URL=file:/data/trigger.db
USER node
# Paths without a folder, such as data/trigger.sign-in-link beside a PostgreSQL database, are below this one.
WORKDIR /
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.PORT || 8000}/health/ready`).then((reply) => process.exit(reply.ok ? 0 : 1), () => process.exit(1))"]
CMD ["node", "--max-semi-space-size=64", "/app/trigger-server/dist/server.js"]
