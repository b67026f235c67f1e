#include <curl/curl.h>

// libcurl's settings are variadic: one function for each kind of argument.

static inline CURLcode curl_set_long(CURL *handle, CURLoption option, long value) {
  return curl_easy_setopt(handle, option, value);
}

static inline CURLcode curl_set_offset(CURL *handle, CURLoption option, curl_off_t value) {
  return curl_easy_setopt(handle, option, value);
}

// libcurl copies the text.
static inline CURLcode curl_set_text(CURL *handle, CURLoption option, const char *value) {
  return curl_easy_setopt(handle, option, value);
}

static inline CURLcode curl_set_pointer(CURL *handle, CURLoption option, void *value) {
  return curl_easy_setopt(handle, option, value);
}

static inline CURLcode curl_set_list(CURL *handle, CURLoption option, struct curl_slist *value) {
  return curl_easy_setopt(handle, option, value);
}

typedef size_t (*curl_bytes_function)(char *bytes, size_t size, size_t count, void *context);
typedef int (*curl_seek_function)(void *context, curl_off_t offset, int origin);

static inline CURLcode curl_set_bytes_function(CURL *handle, CURLoption option, curl_bytes_function function) {
  return curl_easy_setopt(handle, option, function);
}

static inline CURLcode curl_set_seek_function(CURL *handle, curl_seek_function function) {
  return curl_easy_setopt(handle, CURLOPT_SEEKFUNCTION, function);
}

static inline CURLcode curl_get_pointer(CURL *handle, CURLINFO info, void **value) {
  return curl_easy_getinfo(handle, info, value);
}

static inline CURLcode curl_get_long(CURL *handle, CURLINFO info, long *value) {
  return curl_easy_getinfo(handle, info, value);
}

static inline CURLMcode curl_multi_set_long(CURLM *handle, CURLMoption option, long value) {
  return curl_multi_setopt(handle, option, value);
}

// The result that a message carries, which is in a union.
static inline CURLcode curl_message_result(const CURLMsg *message) {
  return message->data.result;
}

// Constants that are expressions.
static inline size_t curl_read_abort(void) { return CURL_READFUNC_ABORT; }
static inline size_t curl_write_pause(void) { return CURL_WRITEFUNC_PAUSE; }

typedef int (*curl_socket_function)(CURL *handle, curl_socket_t socket, int wish, void *context, void *of_socket);
typedef int (*curl_timer_function)(CURLM *handle, long milliseconds, void *context);

static inline void curl_multi_set_socket_function(CURLM *handle, curl_socket_function function, void *context) {
  curl_multi_setopt(handle, CURLMOPT_SOCKETFUNCTION, function);
  curl_multi_setopt(handle, CURLMOPT_SOCKETDATA, context);
}

static inline void curl_multi_set_timer_function(CURLM *handle, curl_timer_function function, void *context) {
  curl_multi_setopt(handle, CURLMOPT_TIMERFUNCTION, function);
  curl_multi_setopt(handle, CURLMOPT_TIMERDATA, context);
}
