/* A V4L2 driver over a file, for the tests: it answers the ioctls of a camera in the process into
 * which it is preloaded. Each is given to the kernel first, which answers ENOTTY for a file. So a
 * request that a filter refuses fails here as it would with a real driver.
 *
 * The file has a page with `struct camera`, the buffers, and the pictures that are put into them.
 */

#define _GNU_SOURCE
#include <errno.h>
#include <linux/videodev2.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#define PAGE 4096
#define BUFFERS 8
#define PICTURES 64

/* The same structure is in fake_camera.py. */
struct camera {
    /* What the test has set. */
    uint32_t pixel_format, width, height, slot, pictures, pause_us, step_us;
    uint32_t sizes[PICTURES];
    volatile uint32_t silent, gone, refusal, damaged_after;
    /* What the test may read. */
    volatile uint32_t given, queued;
    volatile uint32_t wanted_format, wanted_width, wanted_height, wanted_numerator, wanted_denominator;
};

static struct camera *camera;
static unsigned queue[BUFFERS];
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

static int fail(int number)
{
    errno = number;
    return -1;
}

static uint8_t *slot_of(unsigned number)
{
    return (uint8_t *)camera + PAGE + (size_t)number * camera->slot;
}

static int put_format(struct v4l2_format *format)
{
    struct v4l2_pix_format *pix = &format->fmt.pix;

    if (camera->refusal)
        return fail(camera->refusal);
    camera->wanted_format = pix->pixelformat;
    camera->wanted_width = pix->width;
    camera->wanted_height = pix->height;
    pix->pixelformat = camera->pixel_format;
    pix->width = camera->width;
    pix->height = camera->height;
    pix->field = V4L2_FIELD_NONE;
    pix->sizeimage = camera->slot;
    return 0;
}

static int put_rate(struct v4l2_streamparm *parameters)
{
    camera->wanted_numerator = parameters->parm.capture.timeperframe.numerator;
    camera->wanted_denominator = parameters->parm.capture.timeperframe.denominator;
    return 0;
}

static int enqueue(const struct v4l2_buffer *buffer)
{
    pthread_mutex_lock(&lock);
    queue[camera->queued++] = buffer->index;
    pthread_mutex_unlock(&lock);
    return 0;
}

static int dequeue(struct v4l2_buffer *buffer)
{
    unsigned number, picture;
    uint64_t stamp;

    usleep(camera->pause_us);
    while (camera->silent || !camera->queued) {
        if (camera->gone)
            return fail(ENODEV);
        usleep(1000);
    }
    if (camera->gone)
        return fail(ENODEV);
    pthread_mutex_lock(&lock);
    buffer->index = queue[0];
    memmove(queue, queue + 1, --camera->queued * sizeof *queue);
    pthread_mutex_unlock(&lock);
    number = camera->given++;
    picture = number % camera->pictures;
    memcpy(slot_of(buffer->index), slot_of(BUFFERS + picture), camera->sizes[picture]);
    buffer->bytesused = camera->sizes[picture];
    buffer->flags = camera->damaged_after == number ? V4L2_BUF_FLAG_ERROR : 0;
    stamp = 5000000 + (uint64_t)number * camera->step_us;
    buffer->timestamp.tv_sec = stamp / 1000000;
    buffer->timestamp.tv_usec = stamp % 1000000;
    return 0;
}

static int answer(unsigned long request, void *argument)
{
    struct v4l2_capability *capability = argument;
    struct v4l2_requestbuffers *buffers = argument;
    struct v4l2_buffer *buffer = argument;
    struct v4l2_streamparm *parameters = argument;

    switch ((unsigned)request) {
    case VIDIOC_QUERYCAP:
        capability->capabilities = V4L2_CAP_VIDEO_CAPTURE | V4L2_CAP_STREAMING;
        return 0;
    case VIDIOC_G_INPUT:
        *(int *)argument = 0;
        return 0;
    case VIDIOC_ENUMINPUT:
    case VIDIOC_STREAMON:
    case VIDIOC_STREAMOFF:
        return 0;
    case VIDIOC_S_FMT:
        return put_format(argument);
    case VIDIOC_G_PARM:
        parameters->parm.capture.capability = V4L2_CAP_TIMEPERFRAME;
        parameters->parm.capture.timeperframe.numerator = 1;
        parameters->parm.capture.timeperframe.denominator = 30;
        return 0;
    case VIDIOC_S_PARM:
        return put_rate(argument);
    case VIDIOC_REQBUFS:
        buffers->count = BUFFERS;
        camera->queued = 0;
        return 0;
    case VIDIOC_QUERYBUF:
        buffer->length = camera->slot;
        buffer->m.offset = PAGE + buffer->index * camera->slot;
        return 0;
    case VIDIOC_QBUF:
        return enqueue(argument);
    case VIDIOC_DQBUF:
        return dequeue(argument);
    default:
        return fail(ENOTTY);
    }
}

int ioctl(int descriptor, unsigned long request, ...)
{
    struct stat status;
    va_list arguments;
    void *argument;
    long result;

    va_start(arguments, request);
    argument = va_arg(arguments, void *);
    va_end(arguments);
    result = syscall(SYS_ioctl, descriptor, request, argument);
    if (result >= 0 || errno != ENOTTY || _IOC_TYPE(request) != 'V')
        return result;
    if (!camera) {
        if (fstat(descriptor, &status))
            return -1;
        void *area = mmap(NULL, status.st_size, PROT_READ | PROT_WRITE, MAP_SHARED, descriptor, 0);
        if (area == MAP_FAILED)
            return -1;
        camera = area;
    }
    return answer(request, argument);
}
