/* A pretend NVIDIA management library. $FAKE_NVML_STATE names a file read anew at every call, one thing a line:
 *   gpu <uuid> <name with _ for space> <memory MiB> <minor> <mig: 0 off, 1 on, 2 not supported, 3 GPU lost>
 *   mig <uuid> <name with _ for space> <memory MiB> <gpu instance> <compute instance>    (of the gpu above it)
 * No file: the driver is not loaded. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { OK = 0, NOT_SUPPORTED = 3, NOT_FOUND = 6, DRIVER_NOT_LOADED = 9, GPU_IS_LOST = 15, MAX = 32 };

typedef struct { unsigned long long total, free, used; } memory_t;
typedef struct {
    char uuid[96], name[96];
    unsigned long long mib;
    unsigned minor, mig, parent, instance, compute;
    int is_slice;
} thing_t;

static thing_t things[MAX];
static unsigned count;

static int load(void) {
    const char *path = getenv("FAKE_NVML_STATE");
    FILE *file = path ? fopen(path, "r") : NULL;
    char line[512];
    unsigned gpu = 0;
    count = 0;
    if (!file) return DRIVER_NOT_LOADED;
    while (count < MAX && fgets(line, sizeof line, file)) {
        thing_t *t = &things[count];
        memset(t, 0, sizeof *t);
        if (sscanf(line, "gpu %95s %95s %llu %u %u", t->uuid, t->name, &t->mib, &t->minor, &t->mig) == 5) {
            gpu = count++;
        } else if (sscanf(line, "mig %95s %95s %llu %u %u", t->uuid, t->name, &t->mib, &t->instance, &t->compute) == 5) {
            t->is_slice = 1;
            t->parent = gpu;
            count++;
        }
    }
    fclose(file);
    return OK;
}

static int nth(int is_slice, unsigned parent, unsigned n, void **handle) {
    for (unsigned i = 0; i < count; i++) {
        if (things[i].is_slice != is_slice || (is_slice && things[i].parent != parent)) continue;
        if (n-- == 0) { *handle = &things[i]; return OK; }
    }
    return NOT_FOUND;
}

static void put(char *buffer, unsigned length, const char *text) {
    snprintf(buffer, length, "%s", text);
    for (char *c = buffer; *c; c++) if (*c == '_') *c = ' ';
}

int nvmlInitWithFlags(unsigned flags) { return load(); }
int nvmlInit_v2(void) { return load(); }
int nvmlShutdown(void) { return OK; }
const char *nvmlErrorString(int code) { return code == DRIVER_NOT_LOADED ? "Driver Not Loaded" : "Error"; }
int nvmlDeviceGetCount_v2(unsigned *n) {
    *n = 0;
    for (unsigned i = 0; i < count; i++) *n += !things[i].is_slice;
    return OK;
}
int nvmlDeviceGetHandleByIndex_v2(unsigned index, void **handle) { return nth(0, 0, index, handle); }
int nvmlDeviceGetName(void *handle, char *buffer, unsigned length) {
    put(buffer, length, ((thing_t *)handle)->name);
    return OK;
}
int nvmlDeviceGetUUID(void *handle, char *buffer, unsigned length) {
    snprintf(buffer, length, "%s", ((thing_t *)handle)->uuid);
    return OK;
}
int nvmlDeviceGetMinorNumber(void *handle, unsigned *minor) { *minor = ((thing_t *)handle)->minor; return OK; }
int nvmlDeviceGetMemoryInfo(void *handle, memory_t *memory) {
    memory->total = ((thing_t *)handle)->mib << 20;
    memory->used = 0;
    memory->free = memory->total;
    return OK;
}
int nvmlDeviceGetMigMode(void *handle, unsigned *present, unsigned *pending) {
    unsigned mig = ((thing_t *)handle)->mig;
    if (mig == 2) return NOT_SUPPORTED;
    if (mig == 3) return GPU_IS_LOST;
    *present = *pending = mig;
    return OK;
}
int nvmlDeviceGetMaxMigDeviceCount(void *handle, unsigned *n) { *n = 7; return OK; }
int nvmlDeviceGetMigDeviceHandleByIndex(void *handle, unsigned index, void **part) {
    return nth(1, (unsigned)((thing_t *)handle - things), index, part);
}
int nvmlDeviceGetGpuInstanceId(void *handle, unsigned *id) { *id = ((thing_t *)handle)->instance; return OK; }
int nvmlDeviceGetComputeInstanceId(void *handle, unsigned *id) { *id = ((thing_t *)handle)->compute; return OK; }
