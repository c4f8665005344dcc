# The server; with a command of docs/operations.md in the place of the last line, whatever else an operator does.
FROM node:24-bookworm-slim
WORKDIR /rekey
COPY . .
# Installs what the lock file names, without the Node that comes with it for machines that have an older one.
RUN npm run rekey -- --help > /dev/null && rm -rf node_modules/node-linux-* && install -d -o node -g node /data
ENV HOST=0.0.0.0 REKEY_DATA_DIR=/data
VOLUME /data
EXPOSE 3000
USER node
HEALTHCHECK --start-period=60s CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.PORT || 3000}/readyz`).then(({ ok }) => process.exit(ok ? 0 : 1), () => process.exit(1))"]
CMD ["node", "scripts/run.mjs", "start"]
