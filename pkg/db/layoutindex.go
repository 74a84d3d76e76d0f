// Code generated from layouts/*.yaml by go generate; DO NOT EDIT.

package db

var layoutIndex = []indexed{
	{
		file:    "layouts/proxbox-claim.yaml",
		family:  "proxbox",
		era:     "claim",
		title:   "proxbox-api, bootstrapped by a claim",
		since:   "2026-07-23",
		table:   "apikey",
		columns: []string{"created_at", "id", "is_active", "key_hash", "label"},
		claim:   "api_key_bootstrap_claim",
		recognise: Recognition{
			Beside: []string{"netboxendpoint", "proxmoxendpoint", "authlockout", "deletionrequestrecord", "pbsendpoint", "pdmendpoint", "firewall_intent_request", "ceph_operation_run"},
			Tables: []string{"api_key_bootstrap_claim"},
		},
		find: Finding{
			Variable: "PROXBOX_DATABASE_PATH",
			Paths:    []string{"/data/database.db"},
		},
	},
	{
		file:    "layouts/proxbox-open.yaml",
		family:  "proxbox",
		era:     "open",
		title:   "proxbox-api before the claim",
		since:   "2026-04-06",
		table:   "apikey",
		columns: []string{"created_at", "id", "is_active", "key_hash", "label"},
		recognise: Recognition{
			Beside:    []string{"netboxendpoint", "proxmoxendpoint", "authlockout", "deletionrequestrecord", "pbsendpoint", "pdmendpoint", "firewall_intent_request", "ceph_operation_run"},
			NotTables: []string{"api_key_bootstrap_claim"},
		},
		find: Finding{
			Variable: "PROXBOX_DATABASE_PATH",
			Paths:    []string{"/data/database.db"},
		},
	},
	{
		file:    "layouts/proxyos-hmac.yaml",
		family:  "proxyos",
		era:     "hmac",
		title:   "ProxyOS with HMAC under PROXYOS_SECRET",
		since:   "2026-04-18",
		table:   "api_keys",
		columns: []string{"created_at", "expires_at", "id", "key_hash", "last_used", "name", "scopes"},
		recognise: Recognition{
			Exact:     true,
			Tables:    []string{"routes", "users", "sso_providers", "agents", "system_settings"},
			InsteadOf: []string{"sha"},
		},
		find: Finding{
			Variable: "PROXYOS_DB_PATH",
			Paths:    []string{"/data/proxyos/proxyos.db", "/data/proxyos.db"},
		},
	},
	{
		file:    "layouts/proxyos-sha.yaml",
		family:  "proxyos",
		era:     "sha",
		title:   "ProxyOS with plain SHA-256, of one day in April 2026",
		since:   "2026-04-17",
		table:   "api_keys",
		columns: []string{"created_at", "expires_at", "id", "key_hash", "last_used", "name", "scopes"},
		recognise: Recognition{
			Exact:  true,
			Tables: []string{"routes", "users", "sso_providers", "agents", "system_settings"},
		},
		find: Finding{
			Variable: "PROXYOS_DB_PATH",
			Paths:    []string{"/data/proxyos/proxyos.db", "/data/proxyos.db"},
		},
	},
	{
		file:    "layouts/zoneweaver-key_id.yaml",
		family:  "zoneweaver",
		era:     "key_id",
		title:   "Zoneweaver Agent from 0.3.8 on",
		since:   "2026-07-06",
		table:   "entities",
		columns: []string{"api_key_hash", "createdAt", "created_at", "description", "id", "is_active", "key_id", "last_used", "name", "role", "updatedAt"},
		recognise: Recognition{
			Beside: []string{"zones", "tasks", "hosts", "artifacts", "templates", "recipes", "vnc_sessions", "zlogin_sessions", "ssh_sessions", "terminal_sessions", "nat_rules", "dhcp_hosts", "artifact_storage_locations"},
		},
		find: Finding{
			Paths: []string{"/var/lib/zoneweaver-agent/database/core.sqlite"},
			Config: &ConfigFile{
				Variable: "CONFIG_PATH",
				Paths:    []string{"/etc/zoneweaver-agent/config.yaml"},
				Wrapper:  "zoneweaver_api_backend",
				Key:      "database.directory",
				File:     "core.sqlite",
			},
		},
	},
	{
		file:    "layouts/zoneweaver-role.yaml",
		family:  "zoneweaver",
		era:     "role",
		title:   "Zoneweaver Agent 0.3.6 and 0.3.7",
		since:   "2026-07-04",
		table:   "entities",
		columns: []string{"api_key_hash", "createdAt", "created_at", "description", "id", "is_active", "last_used", "name", "role", "updatedAt"},
		recognise: Recognition{
			Without: []string{"key_id"},
			Beside:  []string{"zones", "tasks", "hosts", "artifacts", "templates", "recipes", "vnc_sessions", "zlogin_sessions", "ssh_sessions", "terminal_sessions", "nat_rules", "dhcp_hosts", "artifact_storage_locations"},
		},
		find: Finding{
			Paths: []string{"/var/lib/zoneweaver-agent/database/database.sqlite"},
			Config: &ConfigFile{
				Variable: "CONFIG_PATH",
				Paths:    []string{"/etc/zoneweaver-agent/config.yaml"},
				Wrapper:  "zoneweaver_api_backend",
				Key:      "database.storage",
			},
			Superseded: "core.sqlite",
		},
	},
	{
		file:    "layouts/zoneweaver-hw.yaml",
		family:  "zoneweaver",
		era:     "hw",
		title:   "Zoneweaver Agent 0.3.3 to 0.3.5",
		since:   "2026-07-03",
		table:   "entities",
		columns: []string{"api_key_hash", "createdAt", "created_at", "description", "id", "is_active", "last_used", "name", "updatedAt"},
		recognise: Recognition{
			Without:   []string{"key_id", "role"},
			Beside:    []string{"zones", "tasks", "hosts", "artifacts", "templates", "recipes", "vnc_sessions", "zlogin_sessions", "ssh_sessions", "terminal_sessions", "nat_rules", "dhcp_hosts", "artifact_storage_locations"},
			InsteadOf: []string{"wh"},
		},
		find: Finding{
			Paths: []string{"/var/lib/zoneweaver-agent/database/database.sqlite"},
			Config: &ConfigFile{
				Variable: "CONFIG_PATH",
				Paths:    []string{"/etc/zoneweaver-agent/config.yaml"},
				Wrapper:  "zoneweaver_api_backend",
				Key:      "database.storage",
			},
			Superseded: "core.sqlite",
		},
	},
	{
		file:    "layouts/zoneweaver-wh.yaml",
		family:  "zoneweaver",
		era:     "wh",
		title:   "Zoneweaver API and Zoneweaver Agent before 0.3.3",
		since:   "2025-08-11",
		table:   "entities",
		columns: []string{"api_key_hash", "createdAt", "created_at", "description", "id", "is_active", "last_used", "name", "updatedAt"},
		recognise: Recognition{
			Without: []string{"key_id", "role"},
			Beside:  []string{"zones", "tasks", "hosts", "artifacts", "templates", "recipes", "vnc_sessions", "zlogin_sessions", "ssh_sessions", "terminal_sessions", "nat_rules", "dhcp_hosts", "artifact_storage_locations"},
		},
		find: Finding{
			Paths: []string{"/var/lib/zoneweaver-agent/database/database.sqlite"},
			Config: &ConfigFile{
				Variable: "CONFIG_PATH",
				Paths:    []string{"/etc/zoneweaver-agent/config.yaml"},
				Wrapper:  "zoneweaver_api_backend",
				Key:      "database.storage",
			},
			Superseded: "core.sqlite",
		},
	},
}
