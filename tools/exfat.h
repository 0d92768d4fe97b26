/* exfat.h: files put into, and deleted from, the root folder of an exFAT image, without mounting it. */
#ifndef TOOLS_EXFAT_H
#define TOOLS_EXFAT_H

/** IMAGE add FILE NAME, IMAGE delete NAME, or IMAGE valid NAME BYTES: so many of it were ever written. Returns an exit
 * status; says what is amiss. */
int exfat_edit(int argc, char **argv);

#endif
