/* Prints docs/reference/states.md: the lives of jobs and intents, from the coordinator's own
 * tables. */
#include <stdio.h>

#include "coordinator/intent_states.h"
#include "coordinator/job_states.h"

#include "shared/base/banned.h"

int
main(void)
{
	struct text page;

	text_init(&page, 0);
	text_put(&page,
		 "<!-- Printed from the coordinator's tables of states; changes belong there. "
		 "-->\n\n");
	job_states_page(&page);
	text_put_char(&page, '\n');
	intent_states_page(&page);
	size_t written = fwrite(page.ptr, 1, page.len, stdout);
	bool whole = written == page.len && fflush(stdout) == 0;
	text_fini(&page);
	return whole ? 0 : 1;
}
