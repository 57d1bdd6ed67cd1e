ARG BASE=node:24-bookworm-slim

FROM ${BASE} AS build
WORKDIR /build
COPY package.json package-lock.json .npmrc ./
RUN npm ci --ignore-scripts
COPY . .
RUN npm run build && npm prune --omit=dev --ignore-scripts && mkdir -m 700 home

# The user has no entry in /etc/passwd: without HOME it would keep its state in "/", where it may not write.
FROM ${BASE}
ENV NODE_ENV=production CREDBROKER_KEYRING_BACKEND=file HOME=/home/credbroker
COPY --from=build /build/node_modules /opt/credbroker/node_modules
COPY --from=build /build/dist /opt/credbroker/dist
COPY --from=build --chown=10001:10001 /build/home /home/credbroker
USER 10001:10001
ENTRYPOINT ["node", "/opt/credbroker/dist/credbroker.cjs"]
CMD ["serve"]
