#ifndef CONFITURE_CLI_RENDER_H
#define CONFITURE_CLI_RENDER_H

#include "cli/cli.h"
#include "shared/wire/messages.h"

/* Results as text (and CSV where a command has it), on out. JSON never comes here. */

/* Whatever record it is: by the table in render.c. Draws nothing for records without a drawing. */
void render_result(struct cli *cli, const struct any *result);

void render_status(struct cli *cli, const struct status_result *r);
void render_current(struct cli *cli, const struct current_result *r);
void render_up(struct cli *cli, const struct up_result *r);
void render_down(struct cli *cli, const struct down_result *r);
void render_down_to(struct cli *cli, const struct down_to_result *r);
void render_baseline(struct cli *cli, const struct baseline_result *r);
void render_preflight(struct cli *cli, const struct preflight_result *r);
void render_verify(struct cli *cli, const struct verify_result *r);
void render_checksums(struct cli *cli, const struct checksum_result *r);
void render_job_list(struct cli *cli, const struct job_list *r);
void render_job_shown(struct cli *cli, const struct job_shown *r);
void render_job_info(struct cli *cli, const struct job_info *r);
void render_worker_list(struct cli *cli, const struct worker_list *r);
void render_audit_log(struct cli *cli, const struct audit_log *r);
void render_audit_report(struct cli *cli, const struct audit_report *r);

/* ---- shared by them ---- */
void render_hints(struct cli *cli, const struct hint *items, size_t count); /* on err */
/* What a dry run would do: migrations with their statements. */
void render_plan(struct cli *cli, const struct planned_migration *items, size_t count);
/* 2026-11-22T10:00:00.000000Z -> 2026-11-22 10:00:00Z; NULL stays. */
const char *render_time(struct cli *cli, const char *time);
/* "24 ms", "1.2 s", "3 min 5 s" */
const char *render_duration(struct cli *cli, double ms);

#endif
