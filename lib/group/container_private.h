/* Containers of a .heapsnapshot (container_file.c), for container.c. */
#ifndef HS_GROUP_CONTAINER_PRIVATE_H
#define HS_GROUP_CONTAINER_PRIVATE_H

#include "group/container.h"

bool hs_container_describe_file(const struct hs_analysis *analysis, hs_id id, struct hs_container *ret);

#endif
