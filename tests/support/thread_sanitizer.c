/*
 * What the thread sanitizer is told, in every program of its build. A daemon leaves without joining
 * the threads that are inside NNG: taking a dialing socket down can hang, and the process is over.
 */
#include "shared/base/banned.h"

const char *__tsan_default_options(void);
const char *
__tsan_default_options(void)
{
	return "report_thread_leaks=0";
}
