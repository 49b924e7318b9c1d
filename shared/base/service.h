#ifndef CONFITURE_BASE_SERVICE_H
#define CONFITURE_BASE_SERVICE_H

#include <stdint.h>

/*
 * What a program says to the service manager that started it (systemd's Type=notify protocol, see
 * sd_notify(3)). Without one, nothing happens.
 */

/* "READY=1", "STOPPING=1", "RELOADING=1", "STATUS=…", "WATCHDOG=1"; several on lines of their own.
 */
void service_notify(const char *state);

/* How often "WATCHDOG=1" is to be said: half of what the manager allows. 0 = it does not watch. */
uint64_t service_watchdog_ms(void);

#endif
