/*
 * ntfs.h: changes to an NTFS image that no tool makes but by mounting it, on files that others (ntfscp) put into its
 * root.
 *
 * IMAGE delete NAME: as Windows deletes. The record is no longer in use and has the next sequence number, the bits of
 * its clusters in $Bitmap and its own in the $MFT's bitmap are clear, its entry is taken out of the root's index, those
 * behind it move up (what they leave behind stays). Name, times, runs and every byte of the file stay. Not done: the
 * journals ($LogFile, $UsnJrnl) and the times of the folder are not written, and an entry that has a node below it, as
 * in a folder of more than some thirty names, is refused.
 *
 * IMAGE free: prints how many clusters are free. A file that fills them leaves a driver no choice of where the next
 * one goes.
 *
 * IMAGE valid NAME BYTES: so many bytes of the file were ever written; the rest of it reads as zeros.
 */
#ifndef TOOLS_NTFS_H
#define TOOLS_NTFS_H

/** Returns an exit status; says what is amiss. */
int ntfs_edit(int argc, char **argv);

#endif
