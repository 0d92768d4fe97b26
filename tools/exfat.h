/* exfat.h: files put into, and deleted from, the root folder of an exFAT image, without mounting it. */
#ifndef TOOLS_EXFAT_H
#define TOOLS_EXFAT_H

/** IMAGE add FILE NAME, or IMAGE delete NAME. Returns an exit status; says what is amiss. */
int exfat_edit(int argc, char **argv);

#endif
