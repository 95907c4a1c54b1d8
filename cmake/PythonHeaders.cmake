# Debian packages Python.h apart from Python. Where it is missing, bring it as Eigen is brought (fetch_headers.py), so
# that building needs no root.

execute_process(
  COMMAND "${Python_EXECUTABLE}" -c "import sysconfig; print(sysconfig.get_path('include'))"
  OUTPUT_VARIABLE python_include OUTPUT_STRIP_TRAILING_WHITESPACE COMMAND_ERROR_IS_FATAL ANY)
if(NOT EXISTS "${python_include}/Python.h")
  execute_process(
    COMMAND "${Python_EXECUTABLE}" "${PROJECT_SOURCE_DIR}/cmake/fetch_headers.py"
      --destination "${PROJECT_BINARY_DIR}/third_party" python
    RESULT_VARIABLE status ERROR_VARIABLE message)
  if(NOT status EQUAL 0)
    message(FATAL_ERROR "${python_include}/Python.h is missing: install Python's development files "
      "(on Debian and Ubuntu: apt install python3-dev).\n${message}")
  endif()
  get_filename_component(python_directory "${python_include}" NAME)
  set(Python_INCLUDE_DIR "${PROJECT_BINARY_DIR}/third_party/python/${python_directory}" CACHE PATH "" FORCE)
  # Debian's pyconfig.h includes the one of the architecture relative to the directory above.
  include_directories(SYSTEM "${PROJECT_BINARY_DIR}/third_party/python")
  message(STATUS "Python.h: ${Python_INCLUDE_DIR}")
endif()
