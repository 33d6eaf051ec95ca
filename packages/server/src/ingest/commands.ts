/** The commands by which a sensor is added, ready to be copied into a shell. */
export function sensorCommands(server: string, token: string, version: string): { title: string; command: string }[] {
  const image = `plimsoll:${version}`;
  const environment = `-e PLIMSOLL_SERVER='${server}' -e PLIMSOLL_TOKEN='${token}'`;
  const state = '/var/lib/plimsoll';
  const docker = (more: string[]) =>
    [
      'docker run -d --name plimsoll-sensor --restart unless-stopped',
      '--cap-drop ALL --security-opt no-new-privileges --read-only --tmpfs /tmp',
      environment,
      '-v /var/run/docker.sock:/var/run/docker.sock:ro',
      `-v plimsoll-sensor:${state} -e PLIMSOLL_STATE_DIR=${state}`,
      ...more,
    ].join(' \\\n  ');
  return [
    { title: 'As a process', command: `npx plimsoll sensor --server '${server}' --token '${token}'` },
    { title: 'As a container', command: docker([`${image} sensor`]) },
    {
      title: 'As a container that sees the host’s own packages too',
      command: docker(['-v /:/host:ro', `${image} sensor --host-root /host`]),
    },
    { title: 'On each node of a Kubernetes cluster', command: `kubectl apply -f - <<'END'\n${daemonSet(server, token, image, state)}END` },
  ];
}

/** JSON within YAML quotes whatever is in the values. */
function daemonSet(server: string, token: string, image: string, state: string): string {
  const socket = '/run/containerd/containerd.sock';
  return `apiVersion: v1
kind: Secret
metadata: { name: plimsoll-sensor }
stringData: { token: ${JSON.stringify(token)} }
---
apiVersion: apps/v1
kind: DaemonSet
metadata: { name: plimsoll-sensor }
spec:
  selector: { matchLabels: { app: plimsoll-sensor } }
  template:
    metadata: { labels: { app: plimsoll-sensor } }
    spec:
      automountServiceAccountToken: false
      tolerations: [{ operator: Exists }]
      containers:
        - name: sensor
          image: ${JSON.stringify(image)}
          args: [sensor, --engine, ${socket}]
          env:
            - { name: PLIMSOLL_SERVER, value: ${JSON.stringify(server)} }
            - { name: PLIMSOLL_TOKEN, valueFrom: { secretKeyRef: { name: plimsoll-sensor, key: token } } }
            - { name: PLIMSOLL_STATE_DIR, value: ${state} }
            - { name: NODE_NAME, valueFrom: { fieldRef: { fieldPath: spec.nodeName } } }
          securityContext: { runAsUser: 0, allowPrivilegeEscalation: false, capabilities: { drop: [ALL] } }
          volumeMounts:
            - { name: engine, mountPath: ${socket} }
            - { name: state, mountPath: ${state} }
      volumes:
        - { name: engine, hostPath: { path: ${socket}, type: Socket } }
        - { name: state, hostPath: { path: /var/lib/plimsoll-sensor, type: DirectoryOrCreate } }
`;
}

const HOST = /^(?:[A-Za-z0-9.-]{1,253}|\[[0-9A-Fa-f:]{2,45}\])(?::\d{1,5})?$/;

/**
 * Where sensors find the server: as it was told, else as the caller found it. A Host header may hold anything, and
 * this goes into a shell: only what can be a host is taken.
 */
export function serverAddress(config: { publicUrl?: string; host: string; port: number }, request: { protocol: string; host: string }): string {
  if (config.publicUrl !== undefined && !/['\s\\]/.test(config.publicUrl)) return config.publicUrl;
  const host = HOST.test(request.host) ? request.host : `${config.host}:${config.port}`;
  return `${request.protocol === 'https' ? 'https' : 'http'}://${host}`;
}
