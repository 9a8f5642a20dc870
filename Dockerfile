# Two stages: build with the Swift toolchain, run on a small Debian. scripts/packages.txt names the packages of both.
FROM swift:6.3-bookworm AS build
WORKDIR /src
COPY scripts/packages.txt scripts/setup scripts/
RUN scripts/setup build
COPY . .
RUN scripts/build
RUN mkdir -p /out && cp "$(scripts/build --show-bin)/natsight" /out/natsight && strip /out/natsight
RUN /out/natsight --version

FROM debian:bookworm-slim
WORKDIR /opt/natsight
COPY scripts/packages.txt scripts/setup scripts/
RUN scripts/setup run && rm -rf /var/lib/apt/lists/*
RUN useradd --system --user-group --home-dir /var/lib/natsight --create-home natsight
COPY --from=build /out/natsight /usr/local/bin/natsight
USER natsight
EXPOSE 8222 4222
HEALTHCHECK --interval=10s --timeout=3s --start-period=5s CMD ["curl", "-fsS", "-o", "/dev/null", "http://127.0.0.1:8222/livez"]
ENTRYPOINT ["natsight"]
# It listens beyond loopback, so it wants to know who may read: mount an access file here, or say --allow-unauthenticated instead.
CMD ["serve", "--listen", "0.0.0.0:8222", "--broker-listen", "0.0.0.0:4222", "--access", "/etc/natsight/access.conf"]
