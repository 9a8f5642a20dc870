{{- define "natsight.name" -}}
{{- default .Chart.Name .Values.nameOverride | trunc 63 | trimSuffix "-" -}}
{{- end -}}

{{- define "natsight.fullname" -}}
{{- if .Values.fullnameOverride -}}
{{- .Values.fullnameOverride | trunc 63 | trimSuffix "-" -}}
{{- else if contains (include "natsight.name" .) .Release.Name -}}
{{- .Release.Name | trunc 63 | trimSuffix "-" -}}
{{- else -}}
{{- printf "%s-%s" .Release.Name (include "natsight.name" .) | trunc 63 | trimSuffix "-" -}}
{{- end -}}
{{- end -}}

{{- define "natsight.selectorLabels" -}}
app.kubernetes.io/name: {{ include "natsight.name" . }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end -}}

{{- define "natsight.labels" -}}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version }}
{{ include "natsight.selectorLabels" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
{{- end -}}

{{/* The configuration file: JSON is read as the language of NATS configurations. Names of settings may be written with - and _. */}}
{{- define "natsight.config" -}}
{{- $config := dict -}}
{{- range $name, $value := .Values.config -}}
{{- $_ := set $config (replace "-" "_" $name) $value -}}
{{- end -}}
{{- if hasKey $config "listen" -}}
{{- fail "config.listen: the chart says where it listens; service.port is where callers come in" -}}
{{- end -}}
{{- $_ := set $config "listen" (list "0.0.0.0:8222") -}}
{{- if .Values.credentials.secretName -}}
{{- $_ := set $config "creds" (printf "/etc/natsight/system/%s" .Values.credentials.key) -}}
{{- end -}}
{{- if .Values.access.secretName -}}
{{- $_ := set $config "access" (printf "/etc/natsight/access/%s" .Values.access.key) -}}
{{- else if not (or (get $config "access") (get $config "allow_unauthenticated")) -}}
{{- fail "access.secretName is empty: name a secret with an access file, or let everybody read with config.allow_unauthenticated=true" -}}
{{- end -}}
{{- if not (hasKey $config "allow_host") -}}
{{- $name := include "natsight.fullname" . -}}
{{- $space := .Release.Namespace -}}
{{- $hosts := list $name (printf "%s.%s" $name $space) (printf "%s.%s.svc" $name $space) (printf "%s.%s.svc.cluster.local" $name $space) -}}
{{- if and .Values.ingress.enabled .Values.ingress.host -}}
{{- $hosts = append $hosts .Values.ingress.host -}}
{{- end -}}
{{- $_ := set $config "allow_host" $hosts -}}
{{- end -}}
{{- if .Values.tls.secretName -}}
{{- $_ := set $config "http_tls_cert" "/etc/natsight/tls/tls.crt" -}}
{{- $_ := set $config "http_tls_key" "/etc/natsight/tls/tls.key" -}}
{{- end -}}
{{- if .Values.natsTLS.secretName -}}
{{- $_ := set $config "tls_ca" (printf "/etc/natsight/nats-tls/%s" .Values.natsTLS.key) -}}
{{- end -}}
{{- if and (gt (int .Values.replicas) 1) (include "natsight.recordsInFolder" .) -}}
{{- fail "config.record is a folder, which belongs to one gateway: set replicas to 1, or record into JetStream (nats://…)" -}}
{{- end -}}
{{- /* Raw: the language has no \u, which other JSON functions write for & < >. */ -}}
{{- $lines := list -}}
{{- range $name, $value := $config -}}
{{- $lines = append $lines (printf "  %s: %s" (toRawJson $name) (toRawJson $value)) -}}
{{- end -}}
{{- printf "{\n%s\n}" (join ",\n" $lines) -}}
{{- end -}}

{{- define "natsight.recordsInFolder" -}}
{{- $record := get .Values.config "record" | default "" | toString -}}
{{- if and $record (not (contains "://" $record)) (not (hasPrefix "context:" $record)) -}}yes{{- end -}}
{{- end -}}

{{- define "natsight.scheme" -}}
{{- if or .Values.tls.secretName (get .Values.config "http_tls_cert") (get .Values.config "http-tls-cert") -}}HTTPS{{- else -}}HTTP{{- end -}}
{{- end -}}

{{- define "natsight.basePath" -}}
{{- $path := or (get .Values.config "http_base_path") (get .Values.config "http-base-path") "" | trimSuffix "/" -}}
{{- if $path -}}{{- printf "/%s" (trimPrefix "/" $path) -}}{{- end -}}
{{- end -}}
