#include "base/read.h"

#include <errno.h>
#include <unistd.h>

bool pid_read_at(int descriptor, uint64_t offset, void *buffer, size_t wanted, size_t *got)
{
    for (*got = 0; *got < wanted;) {
        ssize_t count = pread(descriptor, (char *)buffer + *got, wanted - *got, (off_t)(offset + *got));
        if (count < 0 && errno == EINTR) continue;
        if (count <= 0) return count == 0;
        *got += (size_t)count;
    }
    return true;
}
