ARG BASE=node:24-bookworm-slim

FROM ${BASE} AS build
WORKDIR /build
COPY package.json package-lock.json .npmrc ./
RUN npm ci --ignore-scripts
COPY . .
RUN npm run build && npm prune --omit=dev --ignore-scripts

FROM ${BASE}
ENV NODE_ENV=production CREDBROKER_KEYRING_BACKEND=file
COPY --from=build /build/node_modules /opt/credbroker/node_modules
COPY --from=build /build/dist /opt/credbroker/dist
USER 10001
ENTRYPOINT ["node", "/opt/credbroker/dist/credbroker.cjs"]
CMD ["serve"]
