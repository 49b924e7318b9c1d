#ifndef CONFITURE_CLI_CMDS_H
#define CONFITURE_CLI_CMDS_H

#include "cli/cli.h"

/* What the rows of the command table run: one function a command, one file a function. */
int cmd_root(struct cli *cli, const struct args *args);

int cmd_init(struct cli *cli, const struct args *args);
int cmd_build(struct cli *cli, const struct args *args);
int cmd_diff(struct cli *cli, const struct args *args);
int cmd_drift(struct cli *cli, const struct args *args);
int cmd_introspect(struct cli *cli, const struct args *args);
int cmd_fingerprint(struct cli *cli, const struct args *args);
int cmd_validate_config(struct cli *cli, const struct args *args);
int cmd_explain(struct cli *cli, const struct args *args);
int cmd_completion(struct cli *cli, const struct args *args);
int cmd_doctor(struct cli *cli, const struct args *args);

int cmd_migrate_up(struct cli *cli, const struct args *args);
int cmd_migrate_down(struct cli *cli, const struct args *args);
int cmd_migrate_down_to(struct cli *cli, const struct args *args);
int cmd_migrate_status(struct cli *cli, const struct args *args);
int cmd_migrate_current(struct cli *cli, const struct args *args);
int cmd_migrate_baseline(struct cli *cli, const struct args *args);
int cmd_migrate_preflight(struct cli *cli, const struct args *args);
int cmd_migrate_verify(struct cli *cli, const struct args *args);
int cmd_migrate_generate(struct cli *cli, const struct args *args);
int cmd_migrate_diff(struct cli *cli, const struct args *args);
int cmd_migrate_validate(struct cli *cli, const struct args *args);
int cmd_verify_checksums(struct cli *cli, const struct args *args);

int cmd_job_list(struct cli *cli, const struct args *args);
int cmd_job_show(struct cli *cli, const struct args *args);
int cmd_job_attach(struct cli *cli, const struct args *args);
int cmd_job_cancel(struct cli *cli, const struct args *args);
int cmd_job_settle(struct cli *cli, const struct args *args);

int cmd_worker_list(struct cli *cli, const struct args *args);
int cmd_worker_drain(struct cli *cli, const struct args *args);
int cmd_worker_forget(struct cli *cli, const struct args *args);

int cmd_coordinate_register(struct cli *cli, const struct args *args);
int cmd_coordinate_list_intents(struct cli *cli, const struct args *args);
int cmd_coordinate_check(struct cli *cli, const struct args *args);
int cmd_coordinate_status(struct cli *cli, const struct args *args);
int cmd_coordinate_conflicts(struct cli *cli, const struct args *args);
int cmd_coordinate_resolve(struct cli *cli, const struct args *args);
int cmd_coordinate_abandon(struct cli *cli, const struct args *args);
int cmd_coordinate_start(struct cli *cli, const struct args *args);
int cmd_coordinate_complete(struct cli *cli, const struct args *args);
int cmd_coordinate_merge(struct cli *cli, const struct args *args);
int cmd_coordinate_renew(struct cli *cli, const struct args *args);
int cmd_coordinate_release(struct cli *cli, const struct args *args);
int cmd_coordinate_hold(struct cli *cli, const struct args *args);
int cmd_coordinate_claims(struct cli *cli, const struct args *args);
int cmd_coordinate_history(struct cli *cli, const struct args *args);
int cmd_coordinate_import(struct cli *cli, const struct args *args);
int cmd_coordinate_watch(struct cli *cli, const struct args *args);

int cmd_audit_show(struct cli *cli, const struct args *args);
int cmd_audit_export(struct cli *cli, const struct args *args);
int cmd_audit_verify(struct cli *cli, const struct args *args);

#endif
