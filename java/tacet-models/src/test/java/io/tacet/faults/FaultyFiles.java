package io.tacet.faults;

import java.io.IOException;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.net.URI;
import java.nio.channels.FileChannel;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.AccessMode;
import java.nio.file.CopyOption;
import java.nio.file.DirectoryStream;
import java.nio.file.FileStore;
import java.nio.file.FileSystem;
import java.nio.file.FileSystemException;
import java.nio.file.LinkOption;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.PathMatcher;
import java.nio.file.StandardOpenOption;
import java.nio.file.WatchService;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.FileAttributeView;
import java.nio.file.attribute.UserPrincipalLookupService;
import java.nio.file.spi.FileSystemProvider;
import java.util.Iterator;
import java.util.Map;
import java.util.Set;

/**
 * The files of the default file system by other paths, through which opening a file to write, a
 * write to it, forcing it to the disk and renaming it can fail.
 */
public final class FaultyFiles extends FileSystemProvider {
  private final Faults faults;
  private final FileSystem system = new Files();

  /** Files whose operations these faults count. */
  public FaultyFiles(Faults faults) {
    this.faults = faults;
  }

  /** A path of the default file system as one of this. */
  public Path path(Path real) {
    InvocationHandler handler = (proxy, method, arguments) -> call(real, method, arguments);
    return (Path)
        Proxy.newProxyInstance(
            FaultyFiles.class.getClassLoader(), new Class<?>[] {Path.class, Real.class}, handler);
  }

  /** What a path of this file system is as well. */
  interface Real {
    Path real();
  }

  private static Path real(Path path) {
    return path instanceof Real of ? of.real() : path;
  }

  private Object call(Path real, Method method, Object[] arguments) throws Throwable {
    switch (method.getName()) {
      case "real" -> {
        return real;
      }
      case "getFileSystem" -> {
        return system;
      }
      default -> {
        Object[] given = arguments == null ? new Object[0] : arguments.clone();
        for (int k = 0; k < given.length; k++) {
          given[k] = given[k] instanceof Path path ? real(path) : given[k];
        }
        try {
          Object result = method.invoke(real, given);
          return result instanceof Path path ? path(path) : result;
        } catch (InvocationTargetException e) {
          throw e.getCause();
        }
      }
    }
  }

  private void mayFail(Path path) throws IOException {
    if (faults.now()) {
      throw new FileSystemException(real(path).toString(), null, Faults.MESSAGE);
    }
  }

  private static FileSystemProvider provider(Path path) {
    return real(path).getFileSystem().provider();
  }

  @Override
  public FileChannel newFileChannel(
      Path path, Set<? extends OpenOption> options, FileAttribute<?>... attributes)
      throws IOException {
    boolean written = options.contains(StandardOpenOption.WRITE);
    if (written) {
      mayFail(path);
    }
    FileChannel channel = provider(path).newFileChannel(real(path), options, attributes);
    return written ? new FaultyChannel(channel, faults) : channel;
  }

  @Override
  public SeekableByteChannel newByteChannel(
      Path path, Set<? extends OpenOption> options, FileAttribute<?>... attributes)
      throws IOException {
    return newFileChannel(path, options, attributes);
  }

  @Override
  public void move(Path source, Path target, CopyOption... options) throws IOException {
    mayFail(target);
    provider(source).move(real(source), real(target), options);
  }

  @Override
  public void copy(Path source, Path target, CopyOption... options) throws IOException {
    mayFail(target);
    provider(source).copy(real(source), real(target), options);
  }

  @Override
  public void createDirectory(Path path, FileAttribute<?>... attributes) throws IOException {
    mayFail(path);
    provider(path).createDirectory(real(path), attributes);
  }

  @Override
  public void delete(Path path) throws IOException {
    provider(path).delete(real(path));
  }

  @Override
  public DirectoryStream<Path> newDirectoryStream(
      Path path, DirectoryStream.Filter<? super Path> filter) throws IOException {
    DirectoryStream<Path> all =
        provider(path).newDirectoryStream(real(path), each -> filter.accept(path(each)));
    return new DirectoryStream<>() {
      @Override
      public Iterator<Path> iterator() {
        Iterator<Path> each = all.iterator();
        return new Iterator<>() {
          @Override
          public boolean hasNext() {
            return each.hasNext();
          }

          @Override
          public Path next() {
            return path(each.next());
          }
        };
      }

      @Override
      public void close() throws IOException {
        all.close();
      }
    };
  }

  @Override
  public boolean isSameFile(Path one, Path other) throws IOException {
    return provider(one).isSameFile(real(one), real(other));
  }

  @Override
  public boolean isHidden(Path path) throws IOException {
    return provider(path).isHidden(real(path));
  }

  @Override
  public FileStore getFileStore(Path path) throws IOException {
    return provider(path).getFileStore(real(path));
  }

  @Override
  public void checkAccess(Path path, AccessMode... modes) throws IOException {
    provider(path).checkAccess(real(path), modes);
  }

  @Override
  public <V extends FileAttributeView> V getFileAttributeView(
      Path path, Class<V> type, LinkOption... options) {
    return provider(path).getFileAttributeView(real(path), type, options);
  }

  @Override
  public <A extends BasicFileAttributes> A readAttributes(
      Path path, Class<A> type, LinkOption... options) throws IOException {
    return provider(path).readAttributes(real(path), type, options);
  }

  @Override
  public Map<String, Object> readAttributes(Path path, String names, LinkOption... options)
      throws IOException {
    return provider(path).readAttributes(real(path), names, options);
  }

  @Override
  public void setAttribute(Path path, String name, Object value, LinkOption... options)
      throws IOException {
    provider(path).setAttribute(real(path), name, value, options);
  }

  @Override
  public String getScheme() {
    return "faulty";
  }

  @Override
  public FileSystem newFileSystem(URI uri, Map<String, ?> environment) {
    throw new UnsupportedOperationException(uri.toString());
  }

  @Override
  public FileSystem getFileSystem(URI uri) {
    return system;
  }

  @Override
  public Path getPath(URI uri) {
    throw new UnsupportedOperationException(uri.toString());
  }

  /** The file system of these paths. */
  private final class Files extends FileSystem {
    private final FileSystem real = java.nio.file.FileSystems.getDefault();

    @Override
    public FileSystemProvider provider() {
      return FaultyFiles.this;
    }

    @Override
    public void close() {
      throw new UnsupportedOperationException("It stays open, as the default one does.");
    }

    @Override
    public boolean isOpen() {
      return true;
    }

    @Override
    public boolean isReadOnly() {
      return false;
    }

    @Override
    public String getSeparator() {
      return real.getSeparator();
    }

    @Override
    public Iterable<Path> getRootDirectories() {
      return real.getRootDirectories();
    }

    @Override
    public Iterable<FileStore> getFileStores() {
      return real.getFileStores();
    }

    @Override
    public Set<String> supportedFileAttributeViews() {
      return real.supportedFileAttributeViews();
    }

    @Override
    public Path getPath(String first, String... more) {
      return path(real.getPath(first, more));
    }

    @Override
    public PathMatcher getPathMatcher(String syntax) {
      return real.getPathMatcher(syntax);
    }

    @Override
    public UserPrincipalLookupService getUserPrincipalLookupService() {
      return real.getUserPrincipalLookupService();
    }

    @Override
    public WatchService newWatchService() throws IOException {
      return real.newWatchService();
    }
  }
}
