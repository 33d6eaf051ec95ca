/** What the sensor needs and why, for the command's help and the documentation. */
export const sensorHelp = {
  needs: `What it needs, and why:
  the engine's socket  to list images and containers, follow their changes and read images. Whoever can use
                       the socket of Docker can rule the host: the sensor only reads (GET requests alone),
                       but mounting the socket trusts it with more. A read-only mount changes nothing in that.
  the server           outgoing HTTPS to --server; nothing connects to the sensor
  a state folder       its credential (mode 0600), and what the server does not have yet

It needs no root, no capability, no privileged container and no host namespace.
`,
  optional: `What is looked at besides, and how to leave it out:
  host packages        the host's own packages, by reading its file system without the folders of engines and
                       other machines; nothing there is searched for secrets. --no-host-packages
                       In a container only when the host's root is mounted and named: -v /:/host:ro --host-root /host
  cloud metadata       provider, account, region and instance from the link-local address of AWS, Azure or GCP,
                       without credentials. --no-cloud
  containerd           images on a host with Kubernetes are read from containerd's folder, which needs root:
                       only where --host-root (or root on the host) allows it; otherwise they stay "not scanned"

Never sent: environment variables of containers, file contents, secrets themselves (a masked excerpt is).
`,
} as const;
